# What it takes to work on this project and to deploy it: nix develop, or nix-shell pkgs/shell.nix.
{
  pkgs ? import <nixpkgs> { },
}:

pkgs.mkShell {
  packages = with pkgs; [
    go
    protobuf
    nixfmt
    shellcheck
    pandoc
    disnix
    disnixos
    dydisnix
  ];

  # DisnixOS and Dydisnix look nixpkgs up there.
  NIX_PATH = "nixpkgs=${pkgs.path}";
}
