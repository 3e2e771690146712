package infra

import (
	"regexp"
	"slices"
	"strings"
)

var (
	usesApp         = regexp.MustCompile(`(^|[^-\w])app([^-\w]|$)`)
	resourceGroupID = regexp.MustCompile(`(toLower\()?resourceGroup\(\)\.id`)
)

// bicepRules are about the Bicep as such.
var bicepRules = rules{
	"Bicep has no syntax errors": func(all project) error {
		var p problems
		for _, file := range bicepFiles {
			for _, err := range all.bicep[file].Errors {
				p.require(false, "%s:%s", file, err)
			}
		}
		return p.err()
	},

	"a resource type has one API version": func(all project) error {
		var p problems
		versions := map[string]string{}
		for file, d := range all.declared {
			kind, version, ok := strings.Cut(d.Type, "@")
			if d.Kind != "resource" || !ok {
				continue
			}
			if versions[kind] == "" {
				versions[kind] = version
			}
			p.require(versions[kind] == version, "%s: %s has the versions %s and %s: use the newer one everywhere", file, kind, versions[kind], version)
		}
		return p.err()
	},

	// Azure reports a value out of range only in the middle of a deployment.
	"parameters are described and bounded": func(all project) error {
		var p problems
		for file, d := range all.declared {
			if d.Kind != "parameter" {
				continue
			}
			p.require(d.Decorators["description"] != nil, "%s: add @description to the parameter %s", file, d.Name)
			bounded := d.Decorators["allowed"] != nil
			switch d.Type {
			case "int":
				p.require(bounded || d.Decorators["minValue"] != nil, "%s: add @minValue to the parameter %s", file, d.Name)
			case "string":
				optional := d.Value == "" || d.Name == "email"
				p.require(bounded || optional || d.Decorators["minLength"] != nil, "%s: add @minLength to the parameter %s", file, d.Name)
			}
		}
		return p.err()
	},

	// A module is a deployment of its own: Azure refuses a longer name.
	"names of deployments have at most 64 characters": func(all project) error {
		var p problems
		for file, d := range all.declared {
			if d.Kind != "module" {
				continue
			}
			longest := 40 + len(strings.TrimSuffix(strings.TrimPrefix(d.text("name"), "'${name}"), "'"))
			if file == mediaFile || file == appFile {
				longest += len("-media")
			}
			p.require(longest <= 64, "%s: the name of %s has up to %d characters: Azure takes 64", file, d.Name, longest)
		}
		return p.err()
	},

	"azd passes parameters that main.bicep has": func(all project) error {
		file, err := decode[struct {
			Parameters map[string]struct{ Value any } `json:"parameters"`
		}](all, parametersFile)
		if err != nil {
			return err
		}
		var p problems
		for name := range file.Parameters {
			p.require(all.bicep[mainFile].find(name).Kind == "parameter", "%s: %s has no parameter %s", parametersFile, mainFile, name)
		}
		return p.err()
	},

	// uniqueString depends on case, but Azure accepts names of groups and apps
	// in either case: the second stage would look for other names.
	"names do not depend on case": func(all project) error {
		var p problems
		for _, file := range []string{mainFile, eventsFile} {
			p.require(source(all.bicep[file].find("name").Value) == "toLower(app)", "%s: set var name = toLower(app)", file)
			for _, d := range all.bicep[file].Declarations {
				walk("", d.Value, func(_ string, value any) {
					text := source(value)
					p.require(d.Name == "name" || !usesApp.MatchString(text), "%s: %s uses the parameter app: use the variable name", file, d.Name)
					for _, use := range resourceGroupID.FindAllString(text, -1) {
						p.require(strings.HasPrefix(use, "toLower("), "%s: %s uses resourceGroup().id: use toLower(resourceGroup().id)", file, d.Name)
					}
				})
			}
		}
		return p.err()
	},

	"the linter's rules are errors": func(all project) error {
		config, err := decode[struct {
			Analyzers struct {
				Core struct {
					Enabled bool `json:"enabled"`
					Rules   map[string]struct {
						Level string `json:"level"`
					} `json:"rules"`
				} `json:"core"`
			} `json:"analyzers"`
		}](all, linterFile)
		if err != nil {
			return err
		}
		var p problems
		core := config.Analyzers.Core
		p.require(core.Enabled && len(core.Rules) > 0, "%s: enable the linter", linterFile)
		for rule, value := range core.Rules {
			p.require(slices.Contains([]string{"error", "off"}, value.Level), "%s: set the level of %s to error", linterFile, rule)
		}
		return p.err()
	},
}
