// Command peers compares chord with other stores, side by side on one machine:
// redis, etcd and OpenDHT (dhtnode), as far as they are installed.
//
// Each is started on loopback with a temporary database on the same disk, does
// the same work with the same clients, and is ended; then comes the next, and
// after the last one the first again, so that what else the machine does hits
// all of them. Medians of the rounds, and their ratios, are printed at the end.
//
// It is a module of its own, so that the clients of the peers weigh on nothing
// else. The script run beside it builds and starts it.
package main
