"""Multi-face tracking: association, Kalman filter, smoothing of boxes."""
