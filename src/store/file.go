package store

import "os"

func checkFile(path string) error { _, err := os.Stat(path); return err }
