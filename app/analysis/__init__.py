"""Analyse pictures and videos: one picture, a folder or an archive, with the pipeline of the live page."""

from app.analysis.analyzer import Analyzer, analyze, analyze_paths
from app.analysis.results import FaceRecord, Result
from app.analysis.rows import csv_rows, to_frame

__all__ = ["Analyzer", "FaceRecord", "Result", "analyze", "analyze_paths", "csv_rows", "to_frame"]
