package platform

import (
	"context"
	"path/filepath"
	"slices"

	"whatsapp-functions/devhost/app"
	"whatsapp-functions/devhost/faults"
	"whatsapp-functions/devhost/history"
	"whatsapp-functions/devhost/host"
)

// openApps reads all apps, the first one first.
func (p *Platform) openApps() (apps []*app.App, err error) {
	for i, folder := range append([]string{p.options.Folder}, p.options.With...) {
		r := &runner{folder: folder, environ: p.options.Environ, once: p.options.Once, log: p.log, start: p.startHost}
		a, err := r.open()
		if err != nil {
			return nil, err
		}
		if i > 0 {
			r.log = r.log.With().Str("app", filepath.Base(a.Root)).Logger()
		}
		for _, other := range apps {
			if err := other.CheckBeside(a); err != nil {
				return nil, err
			}
		}
		apps, p.runners = append(apps, a), append(p.runners, r)
	}
	return apps, nil
}

// startHosts starts a host for each app. It fails if one does not start.
func (p *Platform) startHosts(ctx context.Context, apps []*app.App) (hosts []*host.Host, err error) {
	for i, a := range apps {
		h, err := p.runners[i].startHost(ctx, a)
		if err != nil {
			for _, h := range hosts {
				h.Stop()
			}
			return nil, err
		}
		hosts = append(hosts, h)
	}
	return hosts, nil
}

// startHost starts a host for an app. It fails if the configuration is wrong or
// the handler does not start.
func (p *Platform) startHost(ctx context.Context, r *runner, a *app.App) (*host.Host, error) {
	for _, other := range p.runners {
		if running := other.App(); other != r && running != nil {
			if err := running.CheckBeside(a); err != nil {
				return nil, err
			}
		}
	}
	if err := p.checkConnections(a, r.log); err != nil {
		return nil, err
	}
	unknown, err := checkSettings(a, p.options.Environ)
	if err != nil {
		return nil, err
	}
	h, err := host.Start(ctx, host.Options{
		App:           a,
		Environ:       p.handlerEnviron(a),
		Hostname:      p.listener.Addr().String(),
		Storage:       faults.Storage{Writer: p.storage, Faults: p.faults},
		Queues:        p.storage,
		Faults:        p.faults,
		ContentLength: p.options.ContentLength,
		Invoked:       p.invoked,
		Log:           p.options.Log,
	})
	if err != nil {
		return nil, err
	}
	for _, warning := range append(a.Warnings, unknown...) {
		r.log.Warn().Msg(warning)
	}
	if target, err := p.metaTargetOf(a); err != nil && target.Function != "" {
		r.log.Warn().Msgf("%s takes no webhooks of Meta: %s", target.Function, err)
	}
	for _, f := range a.Inactive {
		if f.InError {
			r.log.Error().Msg("the function " + f.Name + " is in error: " + f.Reason)
		} else {
			r.log.Warn().Msg("the function " + f.Name + " is not run: " + f.Reason)
		}
	}
	return h, nil
}

// invoked records an invocation. Transcripts of data in Azure are not saved:
// they are those of real people.
func (p *Platform) invoked(result host.Result) {
	if p.storage.Local() {
		if err := p.transcripts.Save(history.NewTranscript(result)); err != nil {
			p.log.Error().Err(err).Msg("the transcript is not saved")
		}
	}
	p.history.Invoked(result)
	if p.options.Invoked != nil {
		p.options.Invoked(result)
	}
}

// keepRunning keeps a host of each app running until ctx is done. With Options.Once
// it returns when the first host ends, with the reason.
func (p *Platform) keepRunning(ctx context.Context, hosts []*host.Host) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan error)
	for i, h := range hosts {
		go func() { ended <- p.runners[i].keepRunning(ctx, h) }()
	}
	err := <-ended
	stop()
	for range len(hosts) - 1 {
		<-ended
	}
	return err
}

// Apps returns all apps as their current hosts have read them, the first one first.
func (p *Platform) Apps() (apps []*app.App) {
	for _, r := range p.runners {
		apps = append(apps, r.App())
	}
	return apps
}

// isReady reports whether the hosts of all apps are running.
func (p *Platform) isReady() bool {
	return !slices.ContainsFunc(p.runners, func(r *runner) bool { return !r.isReady() })
}

// runnerOf returns the app that has a function, otherwise the first one.
func (p *Platform) runnerOf(function string) *runner {
	for _, r := range p.runners {
		if _, ok := r.App().Function(function); ok {
			return r
		}
	}
	return p.runners[0]
}
