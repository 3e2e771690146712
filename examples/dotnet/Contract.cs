using System.Text.Json;
using System.Text.Json.Serialization;

// The fields that consumers need, from schema/message-received.v1.json. A version may gain fields and values.
// So there are no enums, which refuse values that they do not know, and unknown fields are ignored.
public sealed record MessageReceived(
    Channel Channel, IReadOnlyList<string> Conversations, Person From, string Kind,
    string? EventId = null, string? MessageId = null, DateTimeOffset? ReceivedAt = null, DateTimeOffset? ReplyBy = null,
    string? Text = null, Media? Media = null, ReplyTo? ReplyTo = null, Button? Button = null,
    Choice? Choice = null, Reaction? Reaction = null, bool OptOut = false);

public sealed record Channel(string Type, string? Id = null);
public sealed record Person(string? Phone = null, string? Bsuid = null);
public sealed record Media(string? Id = null, string? MimeType = null, string? FileName = null, string? Caption = null, bool? Animated = null);
public sealed record ReplyTo(string? MessageId = null, string? From = null);
public sealed record Button(string? Text = null, string? Payload = null);
public sealed record Choice(string Kind, string? Id = null, string? Title = null, string? Description = null);
public sealed record Reaction(string? MessageId = null, string? Emoji = null, bool Removed = false);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(MessageReceived))]
public sealed partial class Contract : JsonSerializerContext;
