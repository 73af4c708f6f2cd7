# Every assertion, by what it complains of.
{ nixos }:

let
  inherit (nixos) machine of complaints;

  # Just this one complaint.
  alone = words: config: {
    expr = map (message: builtins.match ".*${words}.*" message != null) (complaints config);
    expected = [ true ];
  };
  node =
    a:
    of {
      enable = true;
      nodes = { inherit a; };
    };
  nodes =
    nodes:
    of {
      enable = true;
      inherit nodes;
    };
  example =
    module:
    machine [
      ../../networks/members.nix
      { services.chord = module; }
    ];
  tls = {
    enable = true;
    certificate = "/run/secrets/node1.pem";
    key = "/run/secrets/node1-key.pem";
    ca = "/etc/chord/ca.pem";
  };
in
{
  samePort = alone "the same port twice on this machine: 4170" (nodes {
    a = { };
    b = { };
  });
  samePortOfTwoKinds = alone "the same port twice on this machine: 4171" (nodes {
    a.http = {
      enable = true;
      port = 4171;
    };
    b.port = 4171;
  });
  samePortOfOneNode = alone "the same port twice on this machine: 4170" (node {
    redis = {
      enable = true;
      port = 4170;
    };
  });
  sameDirectory = alone "same dataDir: /srv/chord" (nodes {
    a.dataDir = "/srv/chord";
    b = {
      dataDir = "/srv/chord";
      port = 4171;
    };
  });
  sameBackups = alone "same backup.directory: /srv/copies" (nodes {
    a.backup = {
      enable = true;
      directory = "/srv/copies";
    };
    b = {
      port = 4171;
      backup = {
        enable = true;
        directory = "/srv/copies";
      };
    };
  });
  samePlace = alone "same port twice on one host: test1:8001" (example {
    ring.members.node1.httpPort = 8001;
    ring.autoNodes = false;
  });
  nobodyShowsTheWay = {
    expr = builtins.length (
      complaints (example {
        ring.members.node0.bootstrap = nixos.force false;
      })
    );
    # Nor is there a founder, then.
    expected = 2;
  };
  noFounder = alone "must found it" (example {
    ring.members.node2.bootstrap = true;
  });
  founderIsNobody = alone "must found it" (example {
    ring.founder = "node9";
  });
  name = alone "becomes that of units" (nodes {
    "a b".enable = true;
  });
  exposed = alone "listenAddress 192.0.2.1 is not loopback" (node {
    listenAddress = "192.0.2.1";
  });
  exposedHttp = alone "http.listenAddress :: is not loopback" (node {
    http = {
      enable = true;
      listenAddress = "::";
    };
  });
  exposedRedis = alone "redis.listenAddress 0.0.0.0 is not loopback" (node {
    redis = {
      enable = true;
      listenAddress = "0.0.0.0";
    };
  });
  exposedWithTls = {
    expr = complaints (node {
      listenAddress = "192.0.2.1";
      inherit tls;
    });
    expected = [ ];
  };
  exposedByChoice = {
    expr = complaints (node {
      listenAddress = "192.0.2.1";
      settings.insecure = true;
    });
    expected = [ ];
  };
  certificateWithoutKey = alone "belong together" (node {
    tls = tls // {
      key = null;
    };
  });
  filesWithoutTls = alone "no tls.enable" (node {
    tls = tls // {
      enable = false;
    };
  });
  oneFileForAll = alone "three files" (node {
    tls = tls // {
      ca = tls.certificate;
    };
  });
  loopbackInRing = alone "loopback address 127.0.0.1" (example {
    ring.members.node0.address = "127.0.0.1";
  });
  tooManyReplicas = {
    expr = map (message: builtins.match ".*5 replicas.*" message != null) (
      complaints (example {
        defaults.settings.replicas = 5;
      })
    );
    # Of both nodes of this machine.
    expected = [
      true
      true
    ];
  };
  secretInFile = alone "secret" (node {
    settings.api-token = "x";
  });
  profilesForAll = alone "pprof wants" (node {
    http.pprof = true;
  });
  restrictedByNames = {
    expr = builtins.any (message: builtins.match ".*restrictToRing wants.*" message != null) (
      complaints (example {
        defaults.firewall.restrictToRing = true;
      })
    );
    expected = true;
  };
}
