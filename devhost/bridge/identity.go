package bridge

import "whatsapp-functions/devhost/dotnet"

// KeyIdentity identifies a caller by the access key in a request. The zero value
// is a caller without one.
type KeyIdentity struct {
	// AuthLevel is what the key opens: Function or Admin.
	AuthLevel string
	// KeyID is the key's name.
	KeyID string
}

// value returns the element of Identities.
func (k KeyIdentity) value() dotnet.Value {
	known := k != KeyIdentity{}
	var authenticationType dotnet.Value
	var claims []dotnet.Value
	if known {
		authenticationType = dotnet.NewString("WebJobsAuthLevel")
		claims = []dotnet.Value{claim("authlevel", k.AuthLevel), claim("invoke", "true"), claim("keyid", k.KeyID)}
	}
	return dotnet.NewObject(
		dotnet.Field{Name: "AuthenticationType", Value: authenticationType},
		dotnet.Field{Name: "IsAuthenticated", Value: dotnet.Value{Kind: dotnet.KindBool, Bool: known}},
		dotnet.Field{Name: "Actor"},
		dotnet.Field{Name: "BootstrapContext"},
		dotnet.Field{Name: "Claims", Value: dotnet.NewArray(claims...)},
		dotnet.Field{Name: "Label"},
		dotnet.Field{Name: "Name"},
		dotnet.Field{Name: "NameClaimType", Value: dotnet.NewString("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name")},
		dotnet.Field{Name: "RoleClaimType", Value: dotnet.NewString("http://schemas.microsoft.com/ws/2008/06/identity/claims/role")},
	)
}

func claim(name, value string) dotnet.Value {
	return dotnet.NewObject(
		dotnet.Field{Name: "Issuer", Value: dotnet.NewString("LOCAL AUTHORITY")},
		dotnet.Field{Name: "OriginalIssuer", Value: dotnet.NewString("LOCAL AUTHORITY")},
		dotnet.Field{Name: "Properties", Value: dotnet.NewObject()},
		dotnet.Field{Name: "Type", Value: dotnet.NewString("http://schemas.microsoft.com/2017/07/functions/claims/" + name)},
		dotnet.Field{Name: "Value", Value: dotnet.NewString(value)},
		dotnet.Field{Name: "ValueType", Value: dotnet.NewString("http://www.w3.org/2001/XMLSchema#string")},
	)
}
