// Package dashboard is the http port of a node: a page that draws the ring as the
// node sees it, what the page is made of as JSON, and what monitoring asks for
// (health, readiness, metrics).
//
// A [Server] serves a [Node] on listeners. What the page shows is computed here,
// places on the circle and paths of the drawing among it; the browser draws
// what it is told. [Draw] makes the same picture without a browser.
//
// Invariant: nothing changes by a GET, and nothing at all for who is not an
// administrator by the connection's certificate. A page of another origin can
// have nothing changed either.
//
// Invariant: the page loads nothing from other hosts and runs no script but its
// own; the Content-Security-Policy says so to the browser.
//
// Invariant: connections, subscribers, what is sent to them and what is asked of
// other members are bounded; who reads too slowly is dropped.
//
// Caveat: the page shows what this node knows. How full others are it asks them
// while somebody looks, and says unknown where they did not answer.
package dashboard
