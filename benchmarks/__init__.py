"""How fast Agora is, as ratios to a bare baseline in the same run. ``docs/benchmarks.md`` has figures."""
