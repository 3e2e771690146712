package infra

import (
	"errors"
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
		for _, file := range []string{settingsFile, mediaSettingsFile} {
			local, err := decode[struct{ Values map[string]string }](all, file)
			if err != nil {
				return err
			}
			p.require(local.Values["FUNCTIONS_WORKER_RUNTIME"] == "custom", "%s: set FUNCTIONS_WORKER_RUNTIME to custom: func takes a folder with Go files for a native worker", file)
		}
		azd := regexp.MustCompile(`(?m)#.*$`).ReplaceAllString(all.text[azdFile], "")
		p.require(!regexp.MustCompile(`(?m)^\s*language:`).MatchString(azd), "%s: remove language: azd would build a native Go worker", azdFile)
		p.require(!regexp.MustCompile(`(?m)^services:`).MatchString(azd), "%s: remove services: azd would deploy the folder without packaging it; the hooks package and deploy the app", azdFile)
		for _, run := range []string{"make package", "make deploy subscribe"} {
			p.require(regexp.MustCompile(`(?m)^\s*run: `+run+`$`).MatchString(azd), "%s: a hook must run %q", azdFile, run)
		}
		for file, program := range map[string]string{hostFile: "bin/handler", mediaHostFile: "bin/media"} {
			host, err := decode[struct {
				CustomHandler struct {
					Description struct {
						DefaultExecutablePath string `json:"defaultExecutablePath"`
					} `json:"description"`
				} `json:"customHandler"`
			}](all, file)
			if err != nil {
				return err
			}
			p.require(host.CustomHandler.Description.DefaultExecutablePath == program, "%s: set customHandler.description.defaultExecutablePath to %s, its path in the zip", file, program)
		}
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
		files, err := appFiles()
		if err != nil {
			return err
		}
		files = append(append(files, "bin/handler", "bin/devhost", "bin/test/handler", "media/bin/media", ".git/HEAD"), gitIgnored(all.text[gitIgnoreFile])...)
		return errors.Join(
			published(all, funcIgnoreFile, files, messageFile, statusFile, webhookFile, hostFile, "bin/handler"),
			published(all, mediaIgnoreFile, below("media/", files), "MediaTrigger/function.json", "host.json", "bin/media"),
		)
	},
}

// below returns the names of the files of a folder, within it.
func below(folder string, files []string) (names []string) {
	for _, file := range files {
		if name, ok := strings.CutPrefix(file, folder); ok {
			names = append(names, name)
		}
	}
	return names
}

// published checks that func publishes exactly the shipped files of an app.
func published(all project, ignoreFile string, files []string, shipped ...string) error {
	ignored, err := funcIgnore(all.text[ignoreFile])
	if err != nil {
		return fmt.Errorf("%s: %w", ignoreFile, err)
	}
	var p problems
	for _, file := range shipped {
		p.require(!ignored.MatchString(file), "%s excludes %s: it must be published", ignoreFile, file)
	}
	for _, file := range files {
		top, _, _ := strings.Cut(file, "/")
		p.require(ignored.MatchString(file) || slices.Contains(shipped, file), "func would publish %s: add %s to %s", file, top, ignoreFile)
	}
	return p.err()
}

// funcIgnore returns what .funcignore excludes, as func reads it: a line matches
// the beginning of a path, up to the end of a word, and * is not a slash.
func funcIgnore(text string) (*regexp.Regexp, error) {
	var patterns []string
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, anyName := strings.CutPrefix(strings.TrimPrefix(line, "/"), "*.")
		if strings.ContainsAny(name, "!*") {
			return nil, fmt.Errorf("%s: write names and endings such as *.go only: func does not read patterns as git does", line)
		}
		name = regexp.QuoteMeta(name)
		if anyName {
			name = `[^/]+\.` + name
		}
		patterns = append(patterns, name)
	}
	return regexp.Compile(`^(?:` + strings.Join(patterns, "|") + `)\b`)
}

// gitIgnored returns a path for each line of .gitignore but /bin/, which contains
// the handler.
func gitIgnored(text string) (paths []string) {
	for line := range strings.Lines(text) {
		line = strings.Trim(strings.TrimSpace(line), "/")
		if line != "" && line != "bin" && line != "media/bin" && !strings.HasPrefix(line, "#") {
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
