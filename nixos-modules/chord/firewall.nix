# The nodes' ports in the firewall: to all, or those of the ring to the ring's machines alone.
{ config, lib, ... }:

let
  cfg = config.services.chord;
  address = import ./address.nix { inherit lib; };

  nodes = lib.filter (node: node.enable) (lib.attrValues cfg.nodes);
  open = lib.filter (node: node.openFirewall) nodes;
  toClients = lib.filter (port: port.enable && port.openFirewall) (
    lib.concatMap (node: [
      node.http
      node.redis
    ]) nodes
  );
  toAll = lib.filter (node: !node.firewall.restrictToRing) open;
  toRing = lib.filter (node: node.firewall.restrictToRing) open;

  sources = lib.unique (
    lib.filter address.isNumber (map (member: member.address) (lib.attrValues cfg.ring.members))
  );
  isV6 = lib.hasInfix ":";

  each = rule: lib.concatMapStrings (node: lib.concatMapStrings (rule node) sources) toRing;
in
{
  config = lib.mkIf cfg.enable {
    networking.firewall = {
      allowedTCPPorts = map (port: port.port) (toAll ++ toClients);
      extraInputRules = lib.mkIf config.networking.nftables.enable (
        each (
          node: source:
          "${if isV6 source then "ip6" else "ip"} saddr ${source} tcp dport ${toString node.port} accept\n"
        )
      );
      extraCommands = lib.mkIf (!config.networking.nftables.enable) (
        each (
          node: source:
          "${
            if isV6 source then "ip6tables" else "iptables"
          } -A nixos-fw -p tcp -s ${source} --dport ${toString node.port} -j nixos-fw-accept\n"
        )
      );
    };
  };
}
