"""Learning from slides that only a word describes: attention over the patches of a bag.

A bag is all patches of one slide (or of one case). `bag`, `label` and `apart` need numpy only;
the models need torch, the extra `ai`.
"""
