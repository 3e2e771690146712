// Consumes inbound-messages in a function app of its own (isolated worker). The host decodes base64 and
// renews a message while the function runs. After maxDequeueCount attempts (host.json) it moves the message
// to inbound-messages-poison.
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Azure;
using Azure.Data.Tables;
using Azure.Identity;
using Azure.Messaging;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

var builder = FunctionsApplication.CreateBuilder(args);
// ConversationStorage__tableServiceUri in Azure; in local.settings.json ConversationStorage is Azurite's connection string.
var tables = builder.Configuration["ConversationStorage:tableServiceUri"] is { } uri
    ? new TableServiceClient(new Uri(uri), new DefaultAzureCredential())
    : new TableServiceClient(builder.Configuration["ConversationStorage"]);
builder.Services.AddSingleton(tables.GetTableClient("Consumed"));
await tables.CreateTableIfNotExistsAsync("Consumed");
await builder.Build().RunAsync();

public sealed class InboundMessages(TableClient done, ILogger<InboundMessages> log)
{
    [Function("InboundMessages")]
    public async Task RunAsync(
        [QueueTrigger("inbound-messages", Connection = "ConversationStorage")] string content, CancellationToken stop)
    {
        var e = CloudEvent.Parse(BinaryData.FromString(content))!;
        if (e.Type != "conversation.message.received.v1") throw new NotSupportedException(e.Type);
        var message = JsonSerializer.Deserialize(e.Data, Contract.Default.MessageReceived)!;
        // Messages are deduplicated on source and id. The work here is a row, so its key is the mark of a handled
        // message. Work in a database keeps the mark in the same transaction; other work may be done twice.
        var mark = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{e.Source}\n{e.Id}")));
        try
        {
            await done.AddEntityAsync(new TableEntity(mark[..2], mark) { ["Conversation"] = message.Conversations[0], ["Kind"] = message.Kind, ["Text"] = message.Text }, stop);
        }
        catch (RequestFailedException x) when (x.Status == 409)
        {
            return; // handled before
        }
        log.LogInformation("{Mark} {Kind}", mark, message.Kind); // no texts or phone numbers in the log
    }
}
