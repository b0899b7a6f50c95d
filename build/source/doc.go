// Package source keeps the git repositories that builds are made from.
//
// They are cloned bare into a directory, with all branches and tags. Nothing is checked out here: what a repository holds is
// written by git itself in a build's container, from the .git directory that [Store.Pack] gives.
package source
