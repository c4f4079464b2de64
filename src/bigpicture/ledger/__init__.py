"""The record of every act."""
