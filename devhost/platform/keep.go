package platform

import (
	"context"
	"time"

	"whatsapp-functions/devhost/app"
	"whatsapp-functions/devhost/host"
)

// restartPause is how long the platform takes to bring up a new host.
const restartPause = 2 * time.Second

// keep keeps a host running until ctx is done (nil) or, if it is to run once,
// until the first one ends.
func (p *Platform) keep(ctx context.Context, a *app.App, h *host.Host) error {
	files := newWatch(a)
	look := time.NewTicker(watchPoll)
	defer look.Stop()
	for {
		var pause time.Duration
		select {
		case <-ctx.Done():
			p.current.gone()
			h.Stop()
			return nil
		case <-h.Ended():
			p.current.gone()
			if p.options.Once {
				return h.Err()
			}
			p.log.Error().Msgf("%s; a new host comes in %s", h.Err(), restartPause)
			pause = restartPause
		case <-look.C:
			file := files.changed()
			if file == "" {
				continue
			}
			p.log.Info().Msgf("%s has changed: the host starts anew", file)
			p.current.gone()
			h.Stop()
		}
		next, err := p.restart(ctx, pause, files)
		if err != nil {
			return nil // ctx is done
		}
		h = next
	}
}

// restart starts a host until one starts; the error is that of ctx. The app is
// read anew each time.
func (p *Platform) restart(ctx context.Context, pause time.Duration, files *watch) (*host.Host, error) {
	for {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(pause):
		}
		a, err := app.Open(p.options.Folder, p.options.Environ...)
		if err == nil {
			files.follow(a)
			var h *host.Host
			if h, err = p.startHost(ctx, a); err == nil {
				return h, nil
			}
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		p.log.Error().Msgf("%s; the platform tries again in %s", err, restartPause)
		pause = restartPause
	}
}
