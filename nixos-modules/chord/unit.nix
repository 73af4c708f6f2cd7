# The one description of a node as units of systemd. Builtins only, so that the NixOS module, the modular service and
# the Disnix constructors share it, and it can be read where there is no nixpkgs.
#
# Gives { service, sockets }: sections of key and value, where a list is the key repeated and null is left out.
# `render.nix` makes files of them.
{
  # Of the units: NAME.service and NAME-ring.socket, NAME-http.socket and so on. A socket of the service's own name would
  # be started in its place by Dysnomia, and a ring member must run to be one.
  unit,
  description ? "Chord node",
  # `chord` is in its bin.
  package,
  configFile,
  # Arguments as systemd reads them: %H is the host's name, a space separates.
  extraArgs ? [ ],
  # Where systemd listens for the node, by the names that it knows its sockets by: ring, http, redis.
  listenStreams ? { },
  # Ports that the node opens itself, as there is no socket for them.
  ports ? [ ],
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

  socketUnits = map (name: "${unit}-${name}.socket") (builtins.attrNames listenStreams);

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
    Service =
      hardening
      // import ./credentials.nix { inherit credentials; }
      // {
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

        EnvironmentFile = environmentFile;

        # No ports but its own, and none at all where systemd opens them.
        SocketBindDeny = "any";
        SocketBindAllow = some (map (port: "tcp:${toString port}") ports);
      };
    Install.WantedBy = [ "multi-user.target" ];
  };

  socket = name: streams: {
    Unit.Description = "Port ${name} of the ${description}";
    Socket = {
      ListenStream = streams;
      # The node knows its sockets by name, whatever their order.
      FileDescriptorName = name;
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
  sockets = builtins.listToAttrs (
    map (name: {
      name = "${unit}-${name}";
      value = clean (socket name listenStreams.${name});
    }) (builtins.attrNames listenStreams)
  );
}
