package infra

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// runtimeRules are about how the handler is packaged and started.
var runtimeRules = rules{
	"the app is a custom handler, not a native Go worker": func(all project) error {
		var p problems
		site := all.bicep[appFile].find("site")
		p.require(site.text("properties/functionAppConfig/runtime/name") == "'custom'" && site.text("properties/functionAppConfig/runtime/version") == "'1.0'",
			"%s: set the site's runtime to name 'custom', version '1.0'", appFile)
		local, err := decode[struct{ Values map[string]string }](all, settingsFile)
		if err != nil {
			return err
		}
		p.require(local.Values["FUNCTIONS_WORKER_RUNTIME"] == "custom", "%s: set FUNCTIONS_WORKER_RUNTIME to custom: func takes a folder with a go.mod for a native worker", settingsFile)
		azd := regexp.MustCompile(`(?m)#.*$`).ReplaceAllString(all.text[azdFile], "")
		p.require(!regexp.MustCompile(`(?m)^\s*language:`).MatchString(azd), "%s: remove language: azd would build a native Go worker", azdFile)
		p.require(!regexp.MustCompile(`(?m)^services:`).MatchString(azd), "%s: remove services: azd would deploy the folder without packaging it; the hooks package and deploy the app", azdFile)
		for _, run := range []string{"make package", "make deploy subscribe"} {
			p.require(regexp.MustCompile(`(?m)^\s*run: `+run+`$`).MatchString(azd), "%s: a hook must run %q", azdFile, run)
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
		p.require(host.CustomHandler.Description.DefaultExecutablePath == "bin/handler", "%s: set customHandler.description.defaultExecutablePath to bin/handler, its path in the zip", hostFile)
		return p.err()
	},

	// Each of these stops a deployment, or changes what a second one leaves.
	"Flex Consumption accepts the site": func(all project) error {
		var p problems
		site := all.bicep[appFile].find("site")
		for file, d := range all.declared {
			walk("", d.Value, func(key string, _ any) {
				p.require(key != "ftpsState", "%s: remove ftpsState: Flex Consumption refuses it", file)
				p.require(key != "FUNCTIONS_WORKER_RUNTIME", "%s: remove the setting FUNCTIONS_WORKER_RUNTIME: Flex Consumption refuses it, the site's runtime replaces it", file)
			})
		}
		properties, _ := at(all.bicep[appFile].find("site::appSettings").Value, "name").(string)
		p.require(properties == "appsettings" && at(site.Value, "properties/siteConfig/appSettings") == nil, "%s: the resource config, named appsettings, must be the only place of app settings", appFile)
		p.require(strings.HasPrefix(all.bicep[appFile].find("site::appSettings").source("properties"), "union(settings, "), "%s: merge the parameter settings into the app settings: a deployment removes what is not there", appFile)
		for _, file := range []string{mainFile, mediaFile} {
			p.require(strings.HasPrefix(all.bicep[file].find("site").param("settings"), "union(settings, "), "%s: merge the parameter settings into the app settings: a deployment removes what is not there", file)
		}
		p.require(site.text("properties/functionAppConfig/scaleAndConcurrency/alwaysReady") == "alwaysReady" && all.bicep[mainFile].find("site").text("params/alwaysReady") == "alwaysReady",
			"%s: set alwaysReady to the parameter: a deployment removes always-ready instances otherwise", appFile)
		return p.err()
	},

	"func azure functionapp publish packs what make package packs": func(all project) error {
		ignored, err := funcIgnore(all.text[funcIgnoreFile])
		if err != nil {
			return err
		}
		var p problems
		files, err := appFiles()
		if err != nil {
			return err
		}
		shipped := []string{messageFile, statusFile, webhookFile, hostFile, "bin/handler"}
		for _, file := range append(append(files, "bin/handler", "bin/devhost", "bin/test/handler", ".git/HEAD"), gitIgnored(all.text[gitIgnoreFile])...) {
			if out := ignored.MatchString(file); out && slices.Contains(shipped, file) {
				p.require(false, "%s excludes %s: it must be published", funcIgnoreFile, file)
			} else if !out && !slices.Contains(shipped, file) {
				top, _, _ := strings.Cut(file, "/")
				p.require(false, "func would publish %s: add %s to %s", file, top, funcIgnoreFile)
			}
		}
		return p.err()
	},
}

// funcIgnore returns what .funcignore excludes, as func reads it: a line matches
// the beginning of a path, up to the end of a word.
func funcIgnore(text string) (*regexp.Regexp, error) {
	var patterns []string
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if strings.ContainsAny(line, "!*") {
			return nil, fmt.Errorf("%s: %s: write names only: func does not read patterns as git does", funcIgnoreFile, line)
		}
		patterns = append(patterns, regexp.QuoteMeta(strings.TrimPrefix(line, "/")))
	}
	return regexp.Compile(`^(?:` + strings.Join(patterns, "|") + `)\b`)
}

// gitIgnored returns a path for each line of .gitignore but /bin/, which contains
// the handler.
func gitIgnored(text string) (paths []string) {
	for line := range strings.Lines(text) {
		line = strings.Trim(strings.TrimSpace(line), "/")
		if line != "" && line != "bin" && !strings.HasPrefix(line, "#") {
			paths = append(paths, line+"/x")
		}
	}
	return paths
}

// appFiles returns the files of the repository, with slashes.
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
