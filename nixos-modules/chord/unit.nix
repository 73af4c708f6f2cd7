# The one description of a node as units of systemd. Builtins only, so that the NixOS module, the modular service and
# the Disnix constructors share it, and it can be read where there is no nixpkgs.
#
# Gives { service, sockets }: sections of key and value, where a list is the key repeated and null is left out.
# `render.nix` makes files of them.
{
  # Of the units: NAME.service and NAME-ring.socket. A socket of the service's own name would be started in its place by
  # Dysnomia, and a ring member must run to be one.
  unit,
  description ? "Chord node",
  # `chord` is in its bin.
  package,
  configFile,
  # Arguments as systemd reads them: %H is the host's name, a space separates.
  extraArgs ? [ ],
  # What systemd listens at for the node; empty: the node opens its port itself.
  listenStreams ? [ ],
  # The port that the node opens itself, where there is no socket.
  port ? null,
  # Below /var/lib.
  stateDirectory,
  # A directory elsewhere, which belongs to `user`.
  dataDir ? null,
  # null: one that systemd makes up.
  user ? null,
  # Name -> path of a secret; null: one that the machine was started with, by this name.
  credentials ? { },
  environmentFile ? null,
  # The program that sends a signal; on NixOS it is not in /bin.
  kill ? "/bin/kill",
  # Seconds.
  watchdogSec ? 30,
  stopSec ? 30,
}:

let
  hardening = import ./hardening.nix;

  sockets = if listenStreams == [ ] then { } else { "${unit}-ring" = ring; };
  socketUnits = map (name: "${name}.socket") (builtins.attrNames sockets);

  secrets = builtins.attrNames credentials;
  loaded = builtins.filter (name: credentials.${name} != null) secrets;
  imported = builtins.filter (name: credentials.${name} == null) secrets;

  some = list: if list == [ ] then null else list;

  service = {
    Unit = {
      Description = description;
      Documentation = "man:chord-server(1)";
      Wants = [ "network-online.target" ];
      After = [ "network-online.target" ] ++ socketUnits;
      Requires = some socketUnits;
      RequiresMountsFor = dataDir;
      # A ring member tries on, however often it has failed.
      StartLimitIntervalSec = 0;
    };
    Service = hardening // {
      # Ready is a member of its ring whose copies are filled. While it waits for others it asks for more time.
      Type = "notify";
      NotifyAccess = "main";
      ExecStart = builtins.concatStringsSep " " (
        [ "${package}/bin/chord server --config ${configFile}" ] ++ extraArgs
      );
      ExecReload = "${kill} -HUP $MAINPID";
      Sockets = some socketUnits;

      # Fed only while the event loop answers and a write reaches the disk.
      WatchdogSec = watchdogSec;
      # For a hung process to print its stacks.
      TimeoutAbortSec = 5;
      Restart = "on-failure";
      # No exit code is spared: wrong options end with 2, but so do a panic and the watchdog's SIGABRT.
      RestartSec = 2;
      KillMode = "mixed";
      TimeoutStopSec = stopSec;
      LimitNOFILE = 65536;

      DynamicUser = if user == null then true else null;
      User = user;
      Group = user;
      StateDirectory = if dataDir == null then stateDirectory else null;
      StateDirectoryMode = if dataDir == null then "0700" else null;
      # Seen and written at its place, wherever that is.
      BindPaths = dataDir;

      LoadCredential = some (map (name: "${name}:${credentials.${name}}") loaded);
      ImportCredential = some imported;
      EnvironmentFile = environmentFile;

      # No port but its own, and none at all where systemd opens it.
      SocketBindDeny = "any";
      SocketBindAllow = if sockets == { } && port != null then "tcp:${toString port}" else null;
    };
    Install.WantedBy = [ "multi-user.target" ];
  };

  ring = {
    Unit.Description = "Ring port of the ${description}";
    Socket = {
      ListenStream = listenStreams;
      # The node knows its sockets by name.
      FileDescriptorName = "ring";
      Service = "${unit}.service";
      # The address may come up later.
      FreeBind = true;
    };
    Install.WantedBy = [ "sockets.target" ];
  };

  drop =
    section:
    builtins.removeAttrs section (
      builtins.filter (key: section.${key} == null) (builtins.attrNames section)
    );
  clean = builtins.mapAttrs (_: drop);
in
{
  service = clean service;
  sockets = builtins.mapAttrs (_: clean) sockets;
}
