// Package storetest is the contract of package store as a test, and stores for
// the tests of other packages.
package storetest
