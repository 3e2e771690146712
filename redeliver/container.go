package main

import (
	"context"
	"io"
	"net/url"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
)

// azurite is the account of Azurite, whose key is public:
// https://learn.microsoft.com/azure/storage/common/storage-connect-azurite
const (
	azuriteAccount = "devstoreaccount1"
	azuriteKey     = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
)

// blobContainer is a container of Azure Storage or Azurite.
type blobContainer struct {
	client *container.Client
}

// openContainer opens the container at an address: in Azure with an access token,
// in Azurite with its public key.
func openContainer(address, token string, local bool, options *container.ClientOptions) (blobContainer, error) {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.User != nil || u.RawQuery != "":
		return blobContainer{}, usageError("--rejected must be a folder or the address of a container, such as https://<account>.blob.core.windows.net/rejected-events")
	case u.Scheme == "http" && !loopback(u.Hostname()):
		return blobContainer{}, usageError("--rejected: http:// would send the token and the events unencrypted to %s: use https://", u.Host)
	case loopback(u.Hostname()) && strings.HasPrefix(u.Path, "/"+azuriteAccount+"/"):
		if !local {
			return blobContainer{}, usageError("--rejected is in Azurite, but the app at --url is not on this machine")
		}
		credential, err := container.NewSharedKeyCredential(azuriteAccount, azuriteKey)
		if err != nil {
			return blobContainer{}, err
		}
		client, err := container.NewClientWithSharedKeyCredential(address, credential, options)
		return blobContainer{client}, err
	case token == "":
		return blobContainer{}, usageError("set %s for --rejected: az account get-access-token --resource https://storage.azure.com/ --query accessToken --output tsv", envToken)
	}
	client, err := container.NewClient(address, staticToken(token), options)
	return blobContainer{client}, err
}

// staticToken is an access token from the environment.
type staticToken string

// GetToken implements [azcore.TokenCredential].
func (t staticToken) GetToken(context.Context, policy.TokenRequestOptions) (azcore.AccessToken, error) {
	return azcore.AccessToken{Token: string(t), ExpiresOn: time.Now().Add(time.Hour)}, nil
}

func (c blobContainer) list(ctx context.Context) (names []string, err error) {
	pager := c.client.NewListBlobsFlatPager(nil)
	for pager.More() {
		page, err := pager.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, item := range page.Segment.BlobItems {
			if item.Name != nil && item.Properties != nil && item.Properties.ContentLength != nil && *item.Properties.ContentLength > 0 {
				names = append(names, *item.Name)
			}
		}
	}
	return names, nil
}

func (c blobContainer) read(ctx context.Context, name string) ([]byte, error) {
	response, err := c.client.NewBlobClient(name).DownloadStream(ctx, nil)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	return io.ReadAll(response.Body)
}
