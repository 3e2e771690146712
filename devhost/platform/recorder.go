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
	// invoked is told what a page shows, once the transcript is there.
	invoked func(host.Result)
}

// Done implements [host.Console].
func (r recorder) Done(result host.Result) {
	if err := r.folder.Save(transcript.New(result, r.local)); err != nil {
		r.Say(worker.Error, err.Error())
	}
	r.invoked(result)
	r.Console.Done(result)
}
