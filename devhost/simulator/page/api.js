// Requests to the server.

const ask = (method, path, body) => request(path, {
  method,
  headers: body === undefined ? {} : { "Content-Type": "application/json" },
  body: body === undefined ? undefined : JSON.stringify(body),
});

async function request(path, options) {
  let response;
  try {
    response = await fetch(`/simulator/${path}`, options);
  } catch {
    throw new Error("devhost does not answer. Is it still running?");
  }
  const text = await response.text();
  let answer;
  try {
    answer = JSON.parse(text);
  } catch {
    throw new Error(text.trim() || response.statusText);
  }
  if (!response.ok) throw new Error(answer.error || response.statusText);
  return answer;
}

export const get = (path) => ask("GET", path);
export const post = (path, body = {}) => ask("POST", path, body);
export const put = (path, body) => ask("PUT", path, body);
// upload stores a file as WhatsApp would, and returns its description for a message.
export const upload = (file) => request(`media?name=${encodeURIComponent(file.name)}`, { method: "POST", headers: { "Content-Type": file.type || "application/octet-stream" }, body: file });
export const remove = (path) => ask("DELETE", path);

// listen calls update with each change, and state with the state of the
// connection. The browser reconnects by itself.
export function listen(update, state) {
  const source = new EventSource("/simulator/live");
  source.addEventListener("open", () => state("live"));
  source.addEventListener("error", () => {
    state("lost");
    if (source.readyState === EventSource.CLOSED) {
      setTimeout(() => listen(update, state), 2000);
    }
  });
  source.addEventListener("message", (message) => update(JSON.parse(message.data)));
}
