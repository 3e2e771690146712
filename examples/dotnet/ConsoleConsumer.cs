// Consumes inbound-messages: at least once, in any order, in any number of processes.
// CONVERSATION_STORAGE is the name of the account, or Azurite's connection string.
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Azure;
using Azure.Data.Tables;
using Azure.Identity;
using Azure.Messaging;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;

const int atOnce = 16, mostAttempts = 5;
var visible = TimeSpan.FromSeconds(60);
var account = Environment.GetEnvironmentVariable("CONVERSATION_STORAGE") ?? throw new("set CONVERSATION_STORAGE");
var (messages, poison, done) = (Queue("inbound-messages"), Queue("inbound-messages-poison"), Table("Consumed"));
await poison.CreateIfNotExistsAsync();
await done.CreateIfNotExistsAsync();

using var stop = new CancellationTokenSource(); // On SIGTERM and Ctrl-C: finish the messages in hand, take no more.
void End(PosixSignalContext c) { c.Cancel = true; stop.Cancel(); }
using var term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
using var ctrlC = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
while (!stop.IsCancellationRequested)
    try
    {
        QueueMessage[] taken = await messages.ReceiveMessagesAsync(atOnce, visible, stop.Token);
        await Task.WhenAll(taken.Select(TakeAsync));
        if (taken.Length == 0) await Task.Delay(TimeSpan.FromSeconds(1), stop.Token);
    }
    catch (OperationCanceledException) when (stop.IsCancellationRequested) { }
    catch (RequestFailedException e) { Console.Error.WriteLine($"storage: {e.Status} {e.ErrorCode}"); await Task.Delay(5000); }

async Task TakeAsync(QueueMessage m)
{
    using var ended = new CancellationTokenSource();
    var renewal = RenewAsync(m, ended.Token);
    var fine = true;
    try
    {
        if (m.DequeueCount > mostAttempts) await poison.SendMessageAsync(m.MessageText); // before the work, which may end the process
        else await HandleAsync(CloudEvent.Parse(new BinaryData(Convert.FromBase64String(m.MessageText)))!); // the Functions host writes base64
    }
    catch (Exception e) { fine = false; Console.Error.WriteLine($"{m.MessageId}, attempt {m.DequeueCount}: {e.GetType().Name}"); }
    await ended.CancelAsync();
    var receipt = await renewal;
    if (fine) await messages.DeleteMessageAsync(m.MessageId, receipt);
    else await messages.UpdateMessageAsync(m.MessageId, receipt, visibilityTimeout: TimeSpan.FromSeconds(Math.Pow(4, Math.Min(m.DequeueCount, 5)))); // 4 s to 17 min
}

async Task<string> RenewAsync(QueueMessage m, CancellationToken ended) // Returns the receipt that deletes the message.
{
    for (var receipt = m.PopReceipt; ;)
        try { await Task.Delay(visible / 3, ended); receipt = (await messages.UpdateMessageAsync(m.MessageId, receipt, visibilityTimeout: visible)).Value.PopReceipt; }
        catch (OperationCanceledException) { return receipt; }
        catch (RequestFailedException e) when (e.Status >= 500) { }
}

// The work. Here it is a row. Its key is the mark of a handled message: messages are deduplicated on source and id.
async Task HandleAsync(CloudEvent e)
{
    if (e.Type != "conversation.message.received.v1") throw new NotSupportedException(e.Type);
    var message = JsonSerializer.Deserialize(e.Data, Contract.Default.MessageReceived)!;
    var mark = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{e.Source}\n{e.Id}")));
    try { await done.AddEntityAsync(new TableEntity(mark[..2], mark) { ["Conversation"] = message.Conversations[0], ["Kind"] = message.Kind, ["Text"] = message.Text }); }
    catch (RequestFailedException x) when (x.Status == 409) { return; } // handled before
    Console.WriteLine($"{mark} {message.Kind}");
}

QueueClient Queue(string name) => account.Contains('=') ? new(account, name) : new(new Uri($"https://{account}.queue.core.windows.net/{name}"), new DefaultAzureCredential());
TableClient Table(string name) => account.Contains('=') ? new(account, name) : new(new Uri($"https://{account}.table.core.windows.net"), name, new DefaultAzureCredential());
