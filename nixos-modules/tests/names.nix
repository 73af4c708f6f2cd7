# The tests of this folder.
[
  "single"
  "multi-instance"
  "clients"
  "ring"
  "partition"
  "crash"
  "upgrade"
  "backup"
  "monitoring"
  "disnix"
]
