# Addresses as the program and systemd write them.
{ lib }:

{
  # 192.0.2.7:4170, [::1]:4170, test1:4170
  join =
    host: port:
    if lib.hasInfix ":" host then "[${host}]:${toString port}" else "${host}:${toString port}";

  isLoopback = host: lib.hasPrefix "127." host || host == "::1" || host == "localhost";

  # A number, not a name.
  isNumber = host: lib.hasInfix ":" host || builtins.match "[0-9.]+" host != null;

  everywhere = host: host == "::" || host == "0.0.0.0";
}
