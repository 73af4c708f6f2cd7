# What no Chord process needs, taken away: sections of systemd.exec(5), by builtins alone. `systemd-analyze security`
# rates the whole at 1.1 to 1.3, of 10 for a unit that says nothing.
{
  NoNewPrivileges = true;
  CapabilityBoundingSet = "";
  AmbientCapabilities = "";
  UMask = "0077";

  # The machine and the other users: not there.
  ProtectSystem = "strict";
  ProtectHome = true;
  ProtectProc = "invisible";
  ProcSubset = "pid";
  PrivateTmp = true;
  PrivateDevices = true;
  DevicePolicy = "closed";
  PrivateUsers = true;
  PrivateMounts = true;
  PrivateIPC = true;
  RemoveIPC = true;
  ProtectClock = true;
  ProtectControlGroups = true;
  ProtectHostname = true;
  ProtectKernelLogs = true;
  ProtectKernelModules = true;
  ProtectKernelTunables = true;

  # The kernel: what a Go program with TCP, files and the journal calls. bbolt maps its file for reading, so memory that
  # is written and executed is not wanted. @resources is refused, not deadly: the Go runtime tries to raise its limit of
  # files, and goes on without.
  LockPersonality = true;
  MemoryDenyWriteExecute = true;
  RestrictAddressFamilies = "AF_INET AF_INET6 AF_UNIX";
  RestrictNamespaces = true;
  RestrictRealtime = true;
  RestrictSUIDSGID = true;
  SystemCallArchitectures = "native";
  SystemCallFilter = [
    "@system-service"
    "~@privileged @resources"
  ];
  SystemCallErrorNumber = "EPERM";
}
