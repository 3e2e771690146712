//go:build unix

package main

import "syscall"

// makeFilesPrivate removes the rights of other users from all files that this
// program and its child processes, such as Azurite, create.
func makeFilesPrivate() { syscall.Umask(0o077) }
