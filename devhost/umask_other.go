//go:build !unix

package main

// makeFilesPrivate does nothing: access to files follows their folder.
func makeFilesPrivate() {}
