package platform_test

import (
	"os"
	"path/filepath"
	"testing"

	"whatsapp-functions/devhost/platform"
)

func TestADataFolderIsOnesAlone(t *testing.T) {
	t.Parallel()
	folder := playApp(t, nil, nil)
	first, _ := start(t, platform.Options{Folder: folder})
	again := platform.Options{Folder: folder, Address: "127.0.0.1:0", Environ: os.Environ()}
	_, err := platform.Start(t.Context(), again)
	want := filepath.Join(folder, ".devhost") + " is in use by another devhost: stop it, or pass another folder with --data"
	if err == nil || err.Error() != want {
		t.Fatalf("got  %v\nwant %s", err, want)
	}
	first.Stop()
	second, _ := start(t, platform.Options{Folder: folder})
	second.Stop()
}
