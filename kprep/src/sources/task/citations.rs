//! What to cite for the benchmarks, as `BibTeX`.

pub(crate) const SEMEVAL: &str = "@inproceedings{hendrickx-etal-2010-semeval,
  title = {{SemEval}-2010 Task 8: Multi-Way Classification of Semantic Relations between Pairs of Nominals},
  author = {Hendrickx, Iris and Kim, Su Nam and Kozareva, Zornitsa and Nakov, Preslav and {\\'O} S{\\'e}aghdha, Diarmuid and Pad{\\'o}, Sebastian and Pennacchiotti, Marco and Romano, Lorenza and Szpakowicz, Stan},
  booktitle = {Proceedings of the 5th International Workshop on Semantic Evaluation},
  year = {2010},
  url = {https://aclanthology.org/S10-1006}
}";

pub(crate) const TACRED: &str = "@inproceedings{zhang-etal-2017-position,
  title = {Position-aware Attention and Supervised Data Improve Slot Filling},
  author = {Zhang, Yuhao and Zhong, Victor and Chen, Danqi and Angeli, Gabor and Manning, Christopher D.},
  booktitle = {Proceedings of the 2017 Conference on Empirical Methods in Natural Language Processing},
  year = {2017},
  url = {https://aclanthology.org/D17-1004}
}";

pub(crate) const RE_TACRED: &str = "@inproceedings{stoica-etal-2021-re,
  title = {{Re-TACRED}: Addressing Shortcomings of the {TACRED} Dataset},
  author = {Stoica, George and Platanios, Emmanouil Antonios and P{\\'o}czos, Barnab{\\'a}s},
  booktitle = {Proceedings of the AAAI Conference on Artificial Intelligence},
  year = {2021}
}";

pub(crate) const TACREV: &str = "@inproceedings{alt-etal-2020-tacred,
  title = {{TACRED} Revisited: A Thorough Evaluation of the {TACRED} Relation Extraction Task},
  author = {Alt, Christoph and Gabryszak, Aleksandra and Hennig, Leonhard},
  booktitle = {Proceedings of the 58th Annual Meeting of the Association for Computational Linguistics},
  year = {2020},
  url = {https://aclanthology.org/2020.acl-main.142}
}";

pub(crate) const ULTRA_FINE: &str = "@inproceedings{choi-etal-2018-ultra,
  title = {Ultra-Fine Entity Typing},
  author = {Choi, Eunsol and Levy, Omer and Choi, Yejin and Zettlemoyer, Luke},
  booktitle = {Proceedings of the 56th Annual Meeting of the Association for Computational Linguistics},
  year = {2018},
  url = {https://aclanthology.org/P18-1009}
}";

/// Whose form of both typing datasets is the one that is read.
pub(crate) const ERNIE: &str = "@inproceedings{zhang-etal-2019-ernie,
  title = {{ERNIE}: Enhanced Language Representation with Informative Entities},
  author = {Zhang, Zhengyan and Han, Xu and Liu, Zhiyuan and Jiang, Xin and Sun, Maosong and Liu, Qun},
  booktitle = {Proceedings of the 57th Annual Meeting of the Association for Computational Linguistics},
  year = {2019},
  url = {https://aclanthology.org/P19-1139}
}";

pub(crate) const FIGER: &str = "@inproceedings{ling-weld-2012-fine,
  title = {Fine-Grained Entity Recognition},
  author = {Ling, Xiao and Weld, Daniel S.},
  booktitle = {Proceedings of the AAAI Conference on Artificial Intelligence},
  year = {2012}
}";

pub(crate) const COSMOS_QA: &str = "@inproceedings{huang-etal-2019-cosmos,
  title = {{Cosmos QA}: Machine Reading Comprehension with Contextual Commonsense Reasoning},
  author = {Huang, Lifu and Le Bras, Ronan and Bhagavatula, Chandra and Choi, Yejin},
  booktitle = {Proceedings of EMNLP-IJCNLP 2019},
  year = {2019},
  url = {https://aclanthology.org/D19-1243}
}";

pub(crate) const SEARCH_QA: &str = "@misc{dunn-etal-2017-searchqa,
  title = {{SearchQA}: A New {Q\\&A} Dataset Augmented with Context from a Search Engine},
  author = {Dunn, Matthew and Sagun, Levent and Higgins, Mike and Guney, V. Ugur and Cirik, Volkan and Cho, Kyunghyun},
  year = {2017},
  url = {https://arxiv.org/abs/1704.05179}
}";

pub(crate) const MRQA: &str = "@inproceedings{fisch-etal-2019-mrqa,
  title = {{MRQA} 2019 Shared Task: Evaluating Generalization in Reading Comprehension},
  author = {Fisch, Adam and Talmor, Alon and Jia, Robin and Seo, Minjoon and Choi, Eunsol and Chen, Danqi},
  booktitle = {Proceedings of the 2nd Workshop on Machine Reading for Question Answering},
  year = {2019},
  url = {https://aclanthology.org/D19-5801}
}";

pub(crate) const QUASAR: &str = "@misc{dhingra-etal-2017-quasar,
  title = {Quasar: Datasets for Question Answering by Search and Reading},
  author = {Dhingra, Bhuwan and Mazaitis, Kathryn and Cohen, William W.},
  year = {2017},
  url = {https://arxiv.org/abs/1707.03904}
}";

pub(crate) const LAMA: &str = "@inproceedings{petroni-etal-2019-language,
  title = {Language Models as Knowledge Bases?},
  author = {Petroni, Fabio and Rockt{\\\"a}schel, Tim and Riedel, Sebastian and Lewis, Patrick and Bakhtin, Anton and Wu, Yuxiang and Miller, Alexander},
  booktitle = {Proceedings of EMNLP-IJCNLP 2019},
  year = {2019},
  url = {https://aclanthology.org/D19-1250}
}";

/// Whose filters make LAMA-UHN.
pub(crate) const E_BERT: &str = "@inproceedings{poerner-etal-2020-e,
  title = {{E-BERT}: Efficient-Yet-Effective Entity Embeddings for {BERT}},
  author = {Poerner, Nina and Waltinger, Ulli and Sch{\\\"u}tze, Hinrich},
  booktitle = {Findings of the Association for Computational Linguistics: EMNLP 2020},
  year = {2020},
  url = {https://aclanthology.org/2020.findings-emnlp.71}
}";
