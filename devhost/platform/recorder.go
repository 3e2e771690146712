package platform

import (
	"whatsapp-functions/devhost/host"
	"whatsapp-functions/devhost/transcript"
	"whatsapp-functions/devhost/worker"
)

// recorder is a console that also keeps a transcript of every invocation.
type recorder struct {
	host.Console
	folder *transcript.Folder
	local  bool
}

// Done implements [host.Console].
func (r recorder) Done(result host.Result) {
	if err := r.folder.Save(transcript.New(result, r.local)); err != nil {
		r.Say(worker.Error, err.Error())
	}
	r.Console.Done(result)
}
