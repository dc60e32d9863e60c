"""What holds for all tests."""

from hypothesis import HealthCheck, settings

# A computer that is busy with something else makes examples slowly; that is no failure.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")
