# The tests of this folder.
[
  "single"
  "multi-instance"
  "clients"
  "tls"
  "ring"
  "partition"
  "crash"
  "upgrade"
  "backup"
  "monitoring"
  "disnix"
]
