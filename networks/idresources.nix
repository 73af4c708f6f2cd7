# From the project's root:
# dydisnix-id-assign -s services.nix -i infrastructure.nix -d distribution.nix \
#   --id-resources networks/idresources.nix --ids networks/ids.nix --output-file networks/ids.nix
{
  ports = {
    min = 8001;
    max = 9000;
  };
}
