"""How fast Agora is, as ratios to a bare baseline in the same run. ``docs/benchmarks.md`` has figures."""

import models as models  # before numpy, which reads then how many threads it may start
