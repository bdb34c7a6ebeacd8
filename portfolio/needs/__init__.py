"""Needs: the brief, who could fill a gap, and the next step for one."""
