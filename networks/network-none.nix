# Machines that exist, reached by ssh under their names.
{
  test1.deployment.targetHost = "test1";
  test2.deployment.targetHost = "test2";
}
