# A hostile value in every option: it is refused, or it is not in a unit, a rule or a script as more than a word.
{ nixos, lib }:

let
  inherit (nixos) of;

  hostile = {
    line = "/EVIL\nEVIL=1";
    specifier = "/EVIL%n";
    words = "/EVIL two";
    shell = "/EVIL$(id)`id`;id";
  };
  # An option may want a text, a list or a set of them.
  shapes = value: [
    value
    [ value ]
    { ring = value; }
    { replicas = value; }
  ];

  # Whole commands, which are meant to do what they say.
  commands = [
    [
      "backup"
      "postHook"
    ]
  ];

  leaves =
    base: options:
    lib.filter (path: !lib.elem path commands) (
      map (option: lib.drop (lib.length base + 1) option.loc) (
        lib.filter (option: !(option.readOnly or false) && option.type.name != "deferredModule") (
          lib.collect lib.isOption (removeAttrs options [ "_module" ])
        )
      )
    );
  sub = option: option.type.getSubOptions option.loc;
  chord = nixos.options.services.chord;

  ofNode = path: value: {
    enable = true;
    nodes.a = lib.recursiveUpdate {
      backup.enable = true;
      http.enable = true;
      redis.enable = true;
      tls.enable = true;
    } (lib.setAttrByPath path value);
  };
  ofMember = path: value: {
    enable = true;
    defaults = {
      settings.insecure = true;
      openFirewall = true;
      firewall.restrictToRing = true;
    };
    ring.members = {
      a = lib.recursiveUpdate {
        host = "test1";
        address = "192.0.2.1";
        bootstrap = true;
        httpPort = 8101;
      } (lib.setAttrByPath path value);
      b.host = "test2";
      b.address = "192.0.2.2";
    };
    monitoring.prometheus.enable = true;
  };

  flat =
    value:
    if builtins.isAttrs value then
      lib.concatMap flat (lib.attrValues value)
    else if builtins.isList value then
      lib.concatMap flat value
    else
      lib.optional (builtins.isString value) value;
  units =
    config:
    flat (
      lib.mapAttrsToList (_: unit: removeAttrs unit [ "script" ]) (
        config.systemd.services // config.systemd.sockets // config.systemd.timers
      )
    );
  # What a calendar or a description says is one line, whatever its words.
  paths =
    config:
    flat (
      map (unit: [
        (unit.unitConfig or { })
        (removeAttrs (unit.serviceConfig or { }) [ "ExecStart" ])
        (unit.listenStreams or [ ])
      ]) (lib.attrValues (config.systemd.services // config.systemd.sockets))
    );
  rules =
    config:
    lib.attrNames config.systemd.tmpfiles.settings.chord or { }
    ++ [
      config.networking.firewall.extraInputRules
      config.networking.firewall.extraCommands
    ];
  scripts = config: map (unit: unit.script) (lib.attrValues config.systemd.services);

  # Quoted, a word is a word.
  harmless =
    config:
    lib.all (text: !lib.hasInfix "\nEVIL" text && !lib.hasInfix "EVIL%n" text) (units config)
    && lib.all (text: !lib.hasInfix "EVIL" text) (rules config)
    && lib.all (text: !lib.hasInfix "EVIL two" text) (paths config)
    && lib.all (
      text:
      !lib.hasInfix "EVIL$(id)" (lib.replaceStrings [ (lib.escapeShellArg hostile.shell) ] [ "" ] text)
    ) (scripts config);

  survives =
    module:
    let
      config = of module;
      judged = builtins.tryEval (harmless config);
    in
    !judged.success || judged.value;

  fails =
    put: paths:
    lib.concatMap (
      path:
      map (name: "${lib.concatStringsSep "." path}: ${name}") (
        lib.attrNames (
          lib.filterAttrs (_: value: !lib.all (shape: survives (put path shape)) (shapes value)) hostile
        )
      )
    ) paths;

  optionsOfNode = leaves chord.nodes.loc (sub chord.nodes);
  optionsOfMember = leaves chord.ring.members.loc (sub chord.ring.members);
in
{
  nodes = {
    expr = fails ofNode optionsOfNode;
    expected = [ ];
  };
  members = {
    expr = fails ofMember optionsOfMember;
    expected = [ ];
  };
  # All of them were tried.
  counts = {
    expr = [
      (lib.length optionsOfNode > 30)
      (lib.length optionsOfMember > 7)
    ];
    expected = [
      true
      true
    ];
  };
  # It can fail: a text without a type of its own.
  canFail = {
    expr = harmless (
      nixos.machine [
        {
          services.chord.enable = true;
          systemd.services.chord-default.serviceConfig.BindPaths = hostile.line;
        }
      ]
    );
    expected = false;
  };
}
