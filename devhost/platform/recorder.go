package platform

import (
	"whatsapp-functions/devhost/host"
	"whatsapp-functions/devhost/transcript"
)

// invoked keeps a transcript of an invocation, and then shows it on the page.
func (p *Platform) invoked(result host.Result) {
	if err := p.transcripts.Save(transcript.New(result, p.storage.Local())); err != nil {
		p.log.Error().Err(err).Msg("the invocation is not kept")
	}
	p.seen.invoked(result)
	if p.options.Invoked != nil {
		p.options.Invoked(result)
	}
}
