// Package docker runs a build's plan on a Docker engine, and is the only package that talks to one.
//
// Every unit of a plan gets containers of its own. The prepare container is root with a network, installs packages and becomes an
// image; the fetch container fills the common cache with a network, as the unprivileged user; the script container has no network,
// no capabilities and limits on everything. Nothing of the host is mounted: inputs go in and outputs come out as tar streams, so an
// engine on another machine works the same.
//
// Everything made in the engine is labelled. A container lives only as long as the connection of the gverify that started it: its
// first process reads a stream that ends with us, so that a killed gverify leaves nothing running.
package docker
