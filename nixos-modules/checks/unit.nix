# The unit function, and the files rendered of it.
let
  unitOf =
    more:
    import ../chord/unit.nix (
      {
        unit = "chord-a";
        package = "/opt/chord";
        configFile = "/etc/chord/a.json";
        stateDirectory = "chord/a";
      }
      // more
    );
  render = import ../chord/render.nix;

  socketed = unitOf { listenStreams.ring = [ "192.0.2.7:4170" ]; };
  three = unitOf {
    listenStreams = {
      ring = [ "4170" ];
      http = [ "127.0.0.1:8170" ];
      redis = [ "127.0.0.1:6170" ];
    };
  };
  alone = unitOf {
    ports = [
      4170
      8170
    ];
  };
  elsewhere = unitOf {
    dataDir = "/srv/chord";
    user = "chord";
  };
  secrets = unitOf {
    credentials = {
      key = "/run/secrets/key";
      certificate = null;
    };
    environmentFile = "/run/secrets/env";
  };
in
{
  names = {
    expr = builtins.attrNames socketed.sockets;
    expected = [ "chord-a-ring" ];
  };
  aSocketForEachPort = {
    expr = [
      (builtins.mapAttrs (_: socket: socket.Socket.FileDescriptorName) three.sockets)
      three.service.Service.Sockets
    ];
    expected = [
      {
        chord-a-http = "http";
        chord-a-redis = "redis";
        chord-a-ring = "ring";
      }
      [
        "chord-a-http.socket"
        "chord-a-redis.socket"
        "chord-a-ring.socket"
      ]
    ];
  };
  socketKnowsService = {
    expr = socketed.sockets.chord-a-ring.Socket;
    expected = {
      FileDescriptorName = "ring";
      FreeBind = true;
      ListenStream = [ "192.0.2.7:4170" ];
      Service = "chord-a.service";
    };
  };
  serviceWantsSocket = {
    expr = [
      socketed.service.Unit.Requires
      socketed.service.Service.Sockets
      socketed.service.Unit.After
    ];
    expected = [
      [ "chord-a-ring.socket" ]
      [ "chord-a-ring.socket" ]
      [
        "network-online.target"
        "chord-a-ring.socket"
      ]
    ];
  };
  noPortBesideSocket = {
    expr = socketed.service.Service ? SocketBindAllow;
    expected = false;
  };
  ownPortWithoutSocket = {
    expr = [
      alone.sockets
      alone.service.Service.SocketBindDeny
      alone.service.Service.SocketBindAllow
      (alone.service.Unit ? Requires)
    ];
    expected = [
      { }
      "any"
      [
        "tcp:4170"
        "tcp:8170"
      ]
      false
    ];
  };
  stateDirectory = {
    expr = with socketed.service.Service; [
      DynamicUser
      StateDirectory
      StateDirectoryMode
    ];
    expected = [
      true
      "chord/a"
      "0700"
    ];
  };
  dataElsewhere = {
    expr = with elsewhere.service; [
      Service.User
      Service.BindPaths
      Unit.RequiresMountsFor
      (Service ? DynamicUser)
      (Service ? StateDirectory)
    ];
    expected = [
      "chord"
      "/srv/chord"
      "/srv/chord"
      false
      false
    ];
  };
  secretsByCredentials = {
    expr = with secrets.service.Service; [
      LoadCredential
      ImportCredential
      EnvironmentFile
    ];
    expected = [
      [ "key:/run/secrets/key" ]
      [ "certificate" ]
      "/run/secrets/env"
    ];
  };
  rendered = {
    expr = render {
      Install.WantedBy = [
        "a"
        "b"
      ];
      Unit = {
        Empty = "";
        Yes = true;
      };
    };
    expected = "[Unit]\nEmpty=\nYes=yes\n\n[Install]\nWantedBy=a\nWantedBy=b\n";
  };
}
