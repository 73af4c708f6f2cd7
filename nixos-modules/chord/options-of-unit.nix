# A unit of `unit.nix` as options of systemd.services or systemd.sockets of NixOS. All of it yields to a user's own.
{
  lib,
  unit,
  # How a value gives way.
  weak ? lib.mkDefault,
}:

let
  yield = lib.mapAttrs (_: weak);
  own = {
    Description = "description";
    Documentation = "documentation";
    Wants = "wants";
    After = "after";
    Requires = "requires";
  };
  named = lib.filterAttrs (key: _: own ? ${key}) unit.Unit;
in
lib.mapAttrs' (key: value: {
  name = own.${key};
  value = if key == "Documentation" then [ value ] else value;
}) named
// {
  wantedBy = unit.Install.WantedBy;
  unitConfig = yield (removeAttrs unit.Unit (lib.attrNames own));
}
// lib.optionalAttrs (unit ? Service) { serviceConfig = yield unit.Service; }
// lib.optionalAttrs (unit ? Socket) {
  listenStreams = unit.Socket.ListenStream;
  socketConfig = yield (removeAttrs unit.Socket [ "ListenStream" ]);
}
