# NixOps' own base image ends with NixOS 19.09: set deployment.virtualbox.disks.disk1.baseImage to a newer one.
{
  deployment = {
    targetEnv = "virtualbox";
    virtualbox = {
      memorySize = 1024;
      headless = true;
    };
  };
}
