// Reads the tables. CONVERSATION_STORAGE is the name of the account, or Azurite's connection string.
//   status <messageId>                       prints the current status of a message that was sent
//   window <channel id> <phone or bsuid>...  prints whether free text may be sent; give both identities of a person if both are known
using System.Security.Cryptography;
using System.Text;
using Azure.Data.Tables;
using Azure.Identity;

if (args is ["status", var messageId])
    Console.WriteLine(await FirstAsync("MessageStatus", Keys.Id(messageId)) switch
    {
        null => "no status yet", // which is not a failure
        { } row when row.GetString("FailureClass") is { } cause => $"{row.GetString("Status")}: {cause}, retry: {row.GetString("Retry")}",
        { } row => row.GetString("Status"),
    });
else if (args is ["window", var channel, .. { Length: > 0 } names])
{
    DateTimeOffset? until = null; // The latest window of the person's identities counts.
    foreach (var name in names)
        if ((await FirstAsync("Messages", $"{Keys.Id(channel)}|{Keys.Part(name)}"))?.GetString("ReplyBy") is { } text
            && DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture) is var end && !(end <= until))
            until = end;
    Console.WriteLine(until > DateTimeOffset.UtcNow.AddMinutes(1) ? $"free text until {until:O}" : $"a template only, since {until?.ToString("O") ?? "ever"}");
}
else throw new("status <messageId> | window <channel id> <phone or bsuid>...");

// Returns the first row of a partition: the current status, or the newest message.
static async Task<TableEntity?> FirstAsync(string table, string partition)
{
    var filter = TableClient.CreateQueryFilter($"PartitionKey eq {partition}"); // It escapes quotes.
    await foreach (var row in Table(table).QueryAsync<TableEntity>(filter, maxPerPage: 1)) return row;
    return null;
}

static TableClient Table(string name)
{
    var account = Environment.GetEnvironmentVariable("CONVERSATION_STORAGE") ?? throw new("set CONVERSATION_STORAGE");
    return account.Contains('=') ? new(account, name) : new(new Uri($"https://{account}.table.core.windows.net"), name, new DefaultAzureCredential());
}

// Keys, as docs/consume.md describes them.
public static class Keys
{
    // The key of a message or channel id: a GUID is in lower case, any other is unchanged.
    public static string Id(string id) => Part(Guid.TryParseExact(id, "D", out _) ? id.ToLowerInvariant() : id);

    public static string Part(string text)
    {
        if (text is "") return "-";
        if (text is "-") return "~2d";
        var escaped = new StringBuilder();
        var kept = 0;
        foreach (var r in text.EnumerateRunes())
        {
            escaped.Append("/\\#?|~".Contains((char)r.Value) && r.IsBmp || r.Value is < 0x20 or (>= 0x7f and <= 0x9f) ? $"~{r.Value:x2}" : r.ToString());
            if (escaped.Length <= 160) kept = escaped.Length;
        }
        if (escaped.Length <= 200) return escaped.ToString();
        return string.Concat(escaped.ToString().AsSpan(0, kept), "~~", Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text))).AsSpan(0, 32));
    }
}
