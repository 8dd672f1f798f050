using Xunit.Sdk;
using Xunit.v3;

// Real peers, real ports, two cores: a test that runs beside another would measure it.
[assembly: Parallelization(Mode = ParallelMode.None)]
