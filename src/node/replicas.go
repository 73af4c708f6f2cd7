package node

var errLater = failf(Unavailable, "not there yet")
