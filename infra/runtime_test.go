package infra

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// runtimeRules are about what starts the handler.
var runtimeRules = rules{
	"the app is a custom handler, and nobody takes it for a native Go worker": func(all texts) error {
		var w wrong
		runtime := regexp.MustCompile(`(?s)runtime: \{\s*name: '([^']*)'\s*version: '([^']*)'`).FindStringSubmatch(all.code(mainFile))
		w.unless(runtime != nil && runtime[1] == "custom" && runtime[2] == "1.0", "%s: set the site's runtime to name 'custom', version '1.0'", mainFile)
		w.unless(!strings.Contains(all.bicep(), "FUNCTIONS_WORKER_RUNTIME"), "%s: remove the setting FUNCTIONS_WORKER_RUNTIME: on Flex Consumption the site's runtime says it", mainFile)
		settings, err := decode[struct{ Values map[string]string }](all, settingsFile)
		if err != nil {
			return err
		}
		w.unless(settings.Values["FUNCTIONS_WORKER_RUNTIME"] == "custom", "%s: set FUNCTIONS_WORKER_RUNTIME to custom: func takes a folder with a go.mod for a native worker's", settingsFile)
		azd := regexp.MustCompile(`(?m)#.*$`).ReplaceAllString(all[azdFile], "")
		w.unless(!regexp.MustCompile(`(?m)^\s*language:`).MatchString(azd), "%s: remove language: azd would build a native Go worker, and this is a custom handler; the hooks package and deploy it", azdFile)
		w.unless(!regexp.MustCompile(`(?m)^services:`).MatchString(azd), "%s: remove services: azd would deploy the folder as it is; the hooks package and deploy the app", azdFile)
		for _, run := range []string{"make package", "make deploy subscribe"} {
			w.unless(has(azd, "run: "+run), "%s: a hook must run %q", azdFile, run)
		}
		host, err := decode[struct {
			CustomHandler struct {
				Description struct {
					DefaultExecutablePath string `json:"defaultExecutablePath"`
				} `json:"description"`
			} `json:"customHandler"`
		}](all, hostFile)
		if err != nil {
			return err
		}
		w.unless(host.CustomHandler.Description.DefaultExecutablePath == "bin/handler", "%s: set customHandler.description.defaultExecutablePath to bin/handler, where the zip has it", hostFile)
		return w.err()
	},

	"func azure functionapp publish packs what make package packs": func(all texts) error {
		ignored, err := funcIgnore(all[funcIgnoreFile])
		if err != nil {
			return err
		}
		var w wrong
		files, err := appFiles()
		if err != nil {
			return err
		}
		shipped := []string{messageFile, statusFile, hostFile, "bin/handler"}
		for _, file := range append(files, "bin/handler", "bin/devhost", "dist/app.zip", ".devhost/storage/x", ".git/HEAD") {
			if out := ignored.MatchString(file); out && slices.Contains(shipped, file) {
				w.say("%s leaves %s out: it must be published", funcIgnoreFile, file)
			} else if !out && !slices.Contains(shipped, file) {
				top, _, _ := strings.Cut(file, "/")
				w.say("func would publish %s: add %s to %s", file, top, funcIgnoreFile)
			}
		}
		return w.err()
	},
}

// funcIgnore is how func reads .funcignore: a line is a pattern for the
// beginning of a path, up to the end of a word.
func funcIgnore(text string) (*regexp.Regexp, error) {
	var patterns []string
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if strings.ContainsAny(line, "!*") {
			return nil, fmt.Errorf("%s: %s: write names only: func reads patterns in a way of its own", funcIgnoreFile, line)
		}
		patterns = append(patterns, regexp.QuoteMeta(strings.TrimPrefix(line, "/")))
	}
	return regexp.Compile(`^(?:` + strings.Join(patterns, "|") + `)\b`)
}

// appFiles are the files of the app's folder, with slashes.
func appFiles() (files []string, err error) {
	err = filepath.WalkDir(repository, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "node_modules" || d.Name() == ".git") {
			return fs.SkipDir
		}
		if !d.IsDir() {
			name, err := filepath.Rel(repository, path)
			if err != nil {
				return err
			}
			files = append(files, filepath.ToSlash(name))
		}
		return nil
	})
	return files, err
}
